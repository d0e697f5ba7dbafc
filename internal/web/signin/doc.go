// Package signin is the pages before the portal: signing in and out, letting a device in by its code, and
// letting a program in by an authorization request.
//
// Sign-in never says which of user name and password was wrong, keeps the name that was typed and never the password,
// and leads on only to paths of this origin. A device or a program is let in only by a post from its own page,
// after the person has seen who asks, from where and since when.
//
// An approved authorization request answers 200 with a Refresh header to the callback and never a redirect: a browser
// applies form-action to the whole chain of redirects of a form, and the policy allows this origin alone.
package signin
