package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// asOwner goes on as the folder's owner, when root asks and the folder belongs
// to somebody else: what root made in it, the service could not open. It is
// also what the service may do on this machine, no more and no less.
func (f folder) asOwner() error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid == 0 {
		return nil
	}
	groups := []int{int(st.Gid)}
	if owner, err := user.LookupId(strconv.Itoa(int(st.Uid))); err == nil {
		ids, _ := owner.GroupIds()
		for _, id := range ids {
			if n, err := strconv.Atoi(id); err == nil {
				groups = append(groups, n)
			}
		}
	}
	err = errors.Join(syscall.Setgroups(groups), syscall.Setgid(int(st.Gid)), syscall.Setuid(int(st.Uid)))
	if err != nil {
		return fmt.Errorf("go on as the owner of data folder %q: %w", string(f), err)
	}
	return nil
}
