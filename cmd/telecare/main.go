// Command telecare is the gateway and its tools: it hears pendants and sensors,
// calls responders until somebody comes, and shows the state. A subcommand is
// a file here; it holds no logic of its own, only the wiring.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // rosters need time zones also where the system has none

	"github.com/alecthomas/kong"
)

// version is set when a release is built.
var version = "development"

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
	inside   bool // in the gateway's own process: see control.go
}

// cli is the command line.
type cli struct {
	Run       runCommand       `cmd:"" help:"Run the gateway as telecare.yaml says."`
	Demo      demoCommand      `cmd:"" help:"Run a whole ward with simulated people and devices, to look at and to press."`
	Init      initCommand      `cmd:"" help:"Write a commented telecare.yaml and a first registry."`
	Check     checkCommand     `cmd:"" help:"Say every mistake in telecare.yaml and in a registry file."`
	Doctor    doctorCommand    `cmd:"" help:"Look at the machine round the gateway: clock, disk, ports, certificates, journal; it may run."`
	Apply     applyCommand     `cmd:"" help:"Put people, places, devices, rosters and policies from a file in force."`
	Reload    reloadCommand    `cmd:"" help:"Have the gateway that runs read its telecare.yaml again."`
	Export    exportCommand    `cmd:"" help:"Write the registry as a file that apply takes."`
	Alarms    alarmsCommand    `cmd:"" help:"List, show and answer alarms of a gateway that runs."`
	Devices   devicesCommand   `cmd:"" help:"List devices, their frames and faults, of a gateway that runs."`
	Learn     learnCommand     `cmd:"" help:"Press a new device now: say what it is, and register it."`
	Channels  channelsCommand  `cmd:"" help:"Say how the ways to reach people are, and test them silently."`
	People    peopleCommand    `cmd:"" help:"List who can be called, and who is on call."`
	Roster    rosterCommand    `cmd:"" help:"Say who is on call, at any time and for as long as you like."`
	Stays     staysCommand     `cmd:"" help:"List who stays where; begin and end stays: 14 days, day care, home."`
	Away      awayCommand      `cmd:"" help:"Say that somebody is away, or is back: until then nothing looks for their movements."`
	Test      testCommand      `cmd:"" help:"Try buttons without a call, for a while."`
	Rest      restCommand      `cmd:"" help:"Have a family carer rest, while others are called."`
	Handover  handoverCommand  `cmd:"" help:"Write the hand-over sheet of a shift: what is open, what is broken, who came and went."`
	Report    reportCommand    `cmd:"" help:"Say how long people waited, who came and which devices could be heard, in a month."`
	Token     tokenCommand     `cmd:"" help:"Make a token by which a program may use the HTTP interface."`
	Looks     looksCommand     `cmd:"" help:"List who has looked at names, notes and key-safe codes, and why."`
	User      userCommand      `cmd:"" help:"Make what an account needs beside its password."`
	Phone     phoneCommand     `cmd:"" help:"Be a phone that rings, to try a webhook channel on this machine."`
	Grafana   grafanaCommand   `cmd:"" help:"Write dashboards for Grafana, alert rules for Prometheus, and how to put them in place."`
	Decode    decodeCommand    `cmd:"" help:"Show what frames of devices mean, one line of JSON a frame."`
	Jablotron jablotronCommand `cmd:"" help:"List, learn and erase the devices of a Jablotron dongle."`
	Serial    serialCommand    `cmd:"" help:"List serial ports, and look at what comes on one."`
	Journal   journalCommand   `cmd:"" help:"Look after the journal."`
	Backup    backupCommand    `cmd:"" help:"Copy what must not be lost into a new folder, also while the gateway runs."`
	Restore   restoreCommand   `cmd:"" help:"Fill an empty data folder from a backup."`
	Replay    replayCommand    `cmd:"" help:"Decide the journal's nights again and write them as a script."`

	Codec codecCommand `cmd:"" hidden:"" help:"Run makers' codecs for a gateway, which starts this by itself."`

	Version kong.VersionFlag `help:"Say the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	code := Main(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// Main runs one command and returns the exit status: 0, 1 when it failed, 2
// when the command line was not understood.
func Main(ctx context.Context, args []string, s streams) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("telecare"),
		kong.Description("Somebody presses a pendant; somebody must come."),
		kong.Vars{"version": version, "config": usualConfig()},
		kong.Writers(s.out, s.err),
		kong.Help(help(language())),
		kong.Exit(func(code int) { exited = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		panic(err) // the struct above is wrong
	}
	command, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help, --version
	}
	if err != nil {
		fmt.Fprintf(s.err, "telecare: %v\ntelecare: hint: telecare --help lists the commands\n", err)
		return 2
	}
	if err := command.Run(); err != nil {
		var silent exitStatus
		if errors.As(err, &silent) {
			return int(silent)
		}
		fmt.Fprintf(s.err, "telecare: %s\n", strings.TrimSuffix(err.Error(), "\n"))
		return 1
	}
	return 0
}

// exitStatus ends with a status; what there was to say has been said.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }
