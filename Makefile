# `make` alone says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

FUZZTIME ?= 2s

.PHONY: help
help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## run a small ward with everything embedded, and print where to look
	go run ./cmd/telecare demo

.PHONY: build
build: ## build the one binary, bin/telecare, without cgo
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/telecare ./cmd/telecare

VERSION ?= $(shell packaging/version)

.PHONY: deb
deb: .ci/bin/nfpm ## make the Debian package of this machine, in dist/: VERSION=1.2.3
	packaging/build $(VERSION) dist $$(dpkg --print-architecture)

.PHONY: release
release: .ci/bin/nfpm ## make binaries and Debian packages for amd64, arm64 and armhf, and their checksums, in dist/
	rm -rf dist
	packaging/build $(VERSION) dist
	cd dist && sha256sum * >SHA256SUMS

.PHONY: cross
cross: ## build for the other systems and boards
	@for target in linux/arm linux/arm64 darwin/arm64 windows/amd64; do \
		echo "$$target"; CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build -o /dev/null ./cmd/telecare; \
	done

.PHONY: test
test: peers fmt vet staticcheck ## everything a change needs: installs the real neighbours, checks, tests, fuzzes 2 s a target
	TELECARE_PEERS=required go test -race ./...
	.ci/fuzz $(FUZZTIME)

.PHONY: accept
accept: peers .ci/bin/nfpm ## the long scenarios, as root: full and frozen disks, power cuts, kills at every point, the package on a clean Debian
	@[ ! -x .ci/peers-accept ] || .ci/peers-accept
	TELECARE_PEERS=required TELECARE_ACCEPT=1 go test -count=1 -timeout 45m -run 'Disk|Kill|PowerCut|Influx|Start|Back|Reload|Peers|Kannel|SlowBy|TestModem' -v ./cmd/telecare
	TELECARE_ACCEPT=1 go test -count=1 -timeout 10m -run 'Peers' -v ./alerting/notify/modem ./alerting/notify/email
	TELECARE_ACCEPT=1 go test -count=1 -timeout 10m -run 'OverALine|ReplugUnder' -v ./devices/serial
	TELECARE_PEERS=required TELECARE_ACCEPT=1 go test -count=1 -timeout 30m -v ./packaging

PRESSES ?= 1000000
RUNS ?= 5

.PHONY: simulate
simulate: ## a million presses with faults at every step, by seed: PRESSES=N TELECARE_SEED=N
	TELECARE_SIMULATE=$(PRESSES) go test -count=1 -timeout 4h -v -run '^TestSimulation$$' ./gateway

.PHONY: bench
bench: peers ## measure the built binary beside the floor and a relay that holds nothing on disk: RUNS=N
	TELECARE_PEERS=required TELECARE_BENCH=$(RUNS) go test -count=1 -timeout 4h -v -run '^TestFigures$$' ./cmd/telecare
	go test -run '^$$' -bench . ./alerting ./gateway ./gateway/influx ./devices/mqtt ./devices/codec

.PHONY: pictures
pictures: peers ## take the pictures in docs/pictures anew: every view, with the demo's ward
	@fc-list : family | grep -q Lato || apt-get install -q -y --no-install-recommends fonts-lato # the same letters each time
	@dir=$$(mktemp -d); TELECARE_SHOTS=$$dir TELECARE_PEERS=required go test -count=1 -timeout 15m -run '^TestPictures$$' ./cmd/telecare; \
	mkdir -p docs/pictures; rm -f docs/pictures/*.png; cp $$dir/*.png docs/pictures/; rm -r $$dir; du -ch docs/pictures/*.png | tail -1

.PHONY: fuzz
fuzz: FUZZTIME = 1m
fuzz: ## fuzz each target for a minute, or FUZZTIME=10m
	.ci/fuzz $(FUZZTIME)

FILE ?=

.PHONY: mutants
mutants: ## break alerting in one place after another, and say which breaks no test notices: FILE=press.go AFTER=what -v printed before
	go vet ./.ci/mutants
	go test ./.ci/mutants
	go run ./.ci/mutants -file '$(FILE)' -after '$(AFTER)'

.PHONY: fmt
fmt: ## check that everything is as gofmt writes it
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "run gofmt -w on:"; echo "$$out"; exit 1; fi

.PHONY: vet
vet: ## go vet
	go vet ./...

.PHONY: staticcheck
staticcheck: ## staticcheck, in the version that go.mod pins
	go tool staticcheck ./...

.PHONY: peers
peers: .ci/bin/influxd ## install the real neighbours that tests talk to: mosquitto, Chromium, Prometheus, Alertmanager, InfluxDB 1.8.10 (Debian, as root)
	@.ci/peers

# InfluxDB 1.8 is built from its own pinned module; its old requirements stay
# out of ours.
.ci/bin/influxd:
	mkdir -p .ci/bin
	go build -C .ci/influxd -mod=readonly -trimpath -ldflags '-s -w -X main.version=1.8.10' -o ../bin/influxd github.com/influxdata/influxdb/cmd/influxd

# nfpm is built from its own pinned module, too.
.ci/bin/nfpm: .ci/nfpm/go.mod
	mkdir -p .ci/bin
	go build -C .ci/nfpm -mod=readonly -trimpath -ldflags '-s -w' -o ../bin/nfpm github.com/goreleaser/nfpm/v2/cmd/nfpm
