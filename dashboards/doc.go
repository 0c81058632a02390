// Package dashboards is what people see and answer: one page, its HTTP
// interface, and the stream that keeps every screen live.
//
// What it guarantees:
//
//   - Nothing here can delay a call. What the gateway publishes is taken
//     without blocking; a screen that does not keep up is closed and comes back
//     with a fresh snapshot.
//   - A screen's snapshot and the changes after it come from one point of one
//     stream, numbered without gaps. A screen that hears no beat for 5 s says
//     that it is not live and keeps what it knew, marked as such.
//   - Names, notes and codes are rendered here, for each viewer, and only for
//     those who may see them; the page never receives what it must hide.
//   - Opening anything changes nothing. An answer is a POST of the same origin,
//     and is told done only when it is decided and on disk.
package dashboards
