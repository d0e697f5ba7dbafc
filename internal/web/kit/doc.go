// Package kit is what every page of Gatehouse stands on: the frame, the style, the headers and the one way in.
//
// Pages are rendered by the server and work without script. They have no private way to data: everything they show or
// change goes through api.Invoker, where the caller is the browser's session, so a page can never do more than
// the person could do with the API.
//
// What holds for every page:
//
//   - A strict Content-Security-Policy: nothing inline, nothing foreign, no frames, forms post to this origin only.
//   - Pages are never cached; assets carry a hash of their content in their name and are cached for ever.
//   - Posts come from this origin (http.CrossOriginProtection), and nothing changes by GET.
//   - A page is rendered into a buffer before the first byte leaves, so an error is a whole error page.
//   - Addresses to go to after sign-in are paths of this origin; see LocalPath.
//   - Times are written in UTC; a script may rewrite them to the clock of the person who reads them.
package kit
