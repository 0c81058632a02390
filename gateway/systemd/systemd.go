// Package systemd tells the service manager how the gateway does: ready,
// stopping, and, from inside the loop, that the loop still turns.
//
// It guarantees that a service manager which hangs cannot stop the loop, and
// that everything here does nothing where there is none. The protocol is
// sd_notify(3), the watchdog's sd_watchdog_enabled(3): WATCHDOG_USEC is how long
// the manager waits, and half of it is how often it should hear.
package systemd

import (
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Manager is the service manager that started us, if one did.
type Manager struct {
	log     *slog.Logger
	every   time.Duration // between beats; 0 when nobody watches
	last    time.Time     // of the last beat; the loop's own
	begun   bool          // it has been told that we are ready; the loop's own
	sending atomic.Bool
	failing atomic.Bool
}

// New looks into the environment for a service manager.
func New(log *slog.Logger) *Manager {
	m := &Manager{log: log}
	if os.Getenv("NOTIFY_SOCKET") == "" {
		return m
	}
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("systemd: the watchdog is not fed, because its interval cannot be read; set WatchdogSec in the unit", "error", err.Error())
	}
	m.every = interval / 2
	return m
}

// String says what is done.
func (m *Manager) String() string {
	if m.every == 0 {
		return "systemd without a watchdog"
	}
	return "systemd with a watchdog, fed every " + m.every.String()
}

// Every is how often Beat wants to be called at least, 0 when nobody watches.
func (m *Manager) Every() time.Duration { return m.every }

// Stopping says that the end has begun.
func (m *Manager) Stopping() { m.send(daemon.SdNotifyStopping) }

// Reloading says that the configuration is being read again, and the function
// it returns that this is over, whatever came of it (sd_notify(3): a unit of
// Type=notify-reload waits for that). Neither waits for the manager.
func (m *Manager) Reloading() (done func()) {
	state := daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec()
	said := make(chan struct{})
	go func() {
		defer close(said)
		m.send(state)
	}()
	return func() {
		go func() {
			<-said
			m.send(daemon.SdNotifyReady)
		}()
	}
}

// Beat says that the loop turns; the first one, that the start is done. It is
// called from inside the loop, in each turn, and by nobody else; it tells the
// manager at most every half interval and never waits for it.
//
// Ready is this and no more: a manager that waited for a page, or watched while
// a long journal is read, would in the end stop a gateway that calls people.
func (m *Manager) Beat() {
	state := daemon.SdNotifyWatchdog
	if !m.begun {
		state = daemon.SdNotifyReady
	} else if m.every == 0 || time.Since(m.last) < m.every {
		return
	}
	if !m.sending.CompareAndSwap(false, true) {
		return
	}
	m.begun, m.last = true, time.Now()
	// A send waits where the manager's queue is full.
	go func() {
		defer m.sending.Store(false)
		m.send(state)
	}()
}

// send tells of a failure once, until one has been sent again: a manager that
// does not listen is no reason to write a log.
func (m *Manager) send(state string) {
	_, err := daemon.SdNotify(false, state)
	if err != nil && !m.failing.Swap(true) {
		m.log.Warn("systemd: cannot be told", "state", state, "error", err.Error())
	}
	if err == nil {
		m.failing.Store(false)
	}
}
