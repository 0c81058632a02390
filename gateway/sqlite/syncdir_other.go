//go:build !unix

package sqlite

// syncDir does nothing where folders cannot be synced.
func syncDir(string) error { return nil }
