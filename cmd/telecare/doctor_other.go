//go:build !linux

package main

import "context"

func clockFinding(context.Context) finding {
	return finding{Level: warn, Says: "not looked at on this system", Do: "see that something keeps it right: rosters hang on it"}
}

func diskFinding(string) finding {
	return finding{Level: warn, Says: "not looked at on this system", Do: "see that it has room"}
}

func (f folder) process(ctx context.Context) (runs bool, pid int) { return f.running(ctx), 0 }
