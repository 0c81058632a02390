package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// portHolders names the programs that listen on this machine's TCP ports, by
// port. Those of other users are seen by root only. [proc(5): /proc/net/tcp]
func portHolders() map[string]string {
	ports := map[string]string{} // by socket
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		b, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			const listening = "0A"
			if len(f) < 10 || f[3] != listening {
				continue
			}
			_, hex, _ := strings.Cut(f[1], ":")
			if port, err := strconv.ParseUint(hex, 16, 16); err == nil {
				ports["socket:["+f[9]+"]"] = strconv.FormatUint(port, 10)
			}
		}
	}
	out := map[string]string{}
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range files {
		to, err := os.Readlink(fd)
		if port := ports[to]; err == nil && port != "" {
			out[port] = process(strings.Split(fd, "/")[2])
		}
	}
	return out
}

// fileHolder names a program that has a file open; "" when none is seen.
func fileHolder(path string) string {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range files {
		if to, err := os.Readlink(fd); err == nil && to == path {
			if pid := strings.Split(fd, "/")[2]; pid != strconv.Itoa(os.Getpid()) {
				return process(pid)
			}
		}
	}
	return ""
}

func process(pid string) string {
	name, _ := os.ReadFile("/proc/" + pid + "/comm")
	return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), pid)
}
