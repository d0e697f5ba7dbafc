// Package pages looks at every page of Gatehouse in a browser, in every state that a person can meet: each page, dialog
// and refusal is a scene, and what has to be true of all of them is said once.
//
// The pages are the real ones with their real headers; a company of canned answers stands behind them, so that a scene
// needs no story. That the stories work is for package clients to prove.
//
// A new page or state is one row among the scenes: what is answered, where it is, and what a person does to get there. A
// test fails for a template that no scene shows.
//
// With GATEHOUSE_ARTEFACTS the scenes leave their pictures there. Those of the README are the scenes portal-open,
// step-code and keys-dialog, 1280 pixels wide, in 256 colours.
package pages
