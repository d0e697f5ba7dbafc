// Package crowd lets many callers loose on one server at once: 64 want what only one of them can have, or what only a few
// may, and somebody turns the pages of a list while others add to it and take away from it.
//
// What is asked is always the same: exactly as many succeed as may, the others are told AWS's own reason, and a row that
// was in a list from the first page to the last was on exactly one of them.
package crowd
