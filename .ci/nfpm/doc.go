// Package nfpm pins the tool that makes the Debian packages, apart from the
// gateway's own dependencies. Later releases than this one need modules that
// are not to be had through the module proxy (their MSIX and RPM writers).
// Built by `make deb`.
package nfpm
