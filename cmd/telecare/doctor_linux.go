package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// clockFinding asks the kernel whether something keeps the clock right.
func clockFinding(context.Context) finding {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	now := time.Now().UTC().Format("2006-01-02 15:04:05 UTC")
	const do = "let chrony or systemd-timesyncd keep it; rosters and the times of alarms hang on it"
	switch {
	case err != nil:
		return finding{Level: warn, Says: "cannot be asked: " + err.Error(), Do: do}
	case time.Now().Year() < 2026: // older than this program
		return finding{Level: awful, Says: now + " cannot be", Do: do}
	case state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0: // [adjtimex(2)]
		return finding{Level: warn, Says: now + ", and nothing keeps it right", Do: do}
	}
	return well("", "%s, kept right within %s", now, (time.Duration(t.Maxerror) * time.Microsecond).Round(time.Millisecond))
}

// Types of file systems that lose what was written when the power goes, or
// whose fsync somebody else decides. [statfs(2)]
var doubtful = map[int64]string{
	unix.TMPFS_MAGIC: "tmpfs, in memory", unix.RAMFS_MAGIC: "ramfs, in memory", unix.OVERLAYFS_SUPER_MAGIC: "overlay, a container's own",
	unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.SMB2_SUPER_MAGIC: "SMB", unix.CIFS_SUPER_MAGIC: "SMB", unix.V9FS_MAGIC: "9p",
	unix.MSDOS_SUPER_MAGIC: "FAT", unix.FUSE_SUPER_MAGIC: "FUSE",
}

// diskFinding looks at room, kind and how long the disk takes to keep a thing.
func diskFinding(dir string) finding {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		if errors.Is(err, unix.ENOENT) {
			return finding{Level: warn, Says: "not looked at: the data folder is not there yet"}
		}
		return failed(err)
	}
	free := int64(st.Bavail) * int64(st.Bsize)
	if st.Flags&unix.ST_RDONLY != 0 {
		return finding{Level: awful, Says: "is read-only: nothing can be kept", Do: "look at the kernel's log (dmesg) for errors of the disk; then mount -o remount,rw"}
	}
	took, err := fsyncTime(dir)
	if err != nil {
		return failed(err)
	}
	says := fmt.Sprintf("%d MiB free, a commit takes %s", free>>20, took.Round(10*time.Microsecond))
	switch kind := doubtful[int64(uint32(st.Type))]; {
	case free < 100<<20 || st.Files > 0 && st.Ffree < 100:
		return finding{Level: awful, Says: says + ": it is full, or nearly", Do: "make room; calls go out all the same, but nothing is kept"}
	case took > time.Second:
		return finding{Level: awful, Says: says + ": readings will be shed", Do: "the disk is failing or shared with too much: look at its health (smartctl)"}
	case kind != "":
		return finding{Level: warn, Says: fmt.Sprintf("%s; it is of type %s", says, kind), Do: "keep the data on a disk of this machine (ext4, xfs, btrfs): only there is what was answered safe from a power cut"}
	case free < 1<<30:
		return finding{Level: warn, Says: says, Do: "make room: 1 GiB at least"}
	case took > 100*time.Millisecond:
		return finding{Level: warn, Says: says, Do: "devices wait that long for their answer; a disk should take a few milliseconds"}
	}
	return well("", "%s", says)
}

// fsyncTime is the middle of five.
func fsyncTime(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, ".doctor-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var took []time.Duration
	for range 5 {
		began := time.Now()
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// process finds the gateway that runs on this folder. [unix(7): SO_PEERCRED]
func (f folder) process(ctx context.Context) (runs bool, pid int) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "unix", f.control())
	if err != nil {
		return false, 0
	}
	defer c.Close()
	raw, err := c.(*net.UnixConn).SyscallConn()
	if err != nil {
		return true, 0
	}
	_ = raw.Control(func(fd uintptr) {
		if who, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(who.Pid)
		}
	})
	return true, pid
}
