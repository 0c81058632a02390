//go:build !linux

package main

// portHolders is for Linux.
func portHolders() map[string]string { return nil }

func fileHolder(string) string { return "" }
