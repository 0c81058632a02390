//go:build !unix

package main

// lock does nothing where there is no flock: the gateway runs on Linux.
func (f folder) lock() (unlock func(), err error) { return func() {}, nil }
