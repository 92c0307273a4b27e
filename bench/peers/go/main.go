// The workloads by vishvananda/netlink and vishvananda/netns, one handle for each namespace. Answers the words of
// ../../session.mjs.
//
//	go-peer WORKLOAD [SIZE]
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/vishvananda/netns"
)

// What a workload does at each word. A run answers with milliseconds, of building and of closing.
type workload interface {
	hold() []*stack
	run() map[string]float64
}

var home netns.NsHandle

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func milliseconds(since time.Time) float64 {
	return float64(time.Since(since)) / float64(time.Millisecond)
}

// Builds and gives up again.
func timed(build func() []*stack) map[string]float64 {
	start := time.Now()
	stacks := build()
	run := milliseconds(start)
	start = time.Now()
	closeAll(stacks)
	return map[string]float64{"run": run, "close": milliseconds(start)}
}

func answer(value interface{}) {
	text, err := json.Marshal(value)
	must(err)
	fmt.Println(string(text))
}

func paths(stacks []*stack) map[string][]string {
	all := []string{}
	for _, each := range stacks {
		all = append(all, fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), int(each.namespace)))
	}
	return map[string][]string{"paths": all}
}

func choose(args []string) workload {
	size := 0
	if len(args) > 2 {
		size, _ = strconv.Atoi(args[2])
	}
	switch args[1] {
	case "pair":
		return pair{}
	case "star":
		return star{size}
	case "routes-add":
		return &routesAdd{size: size}
	case "routes-dump":
		return &routesDump{size: size}
	case "links-dump":
		return &linksDump{size: size}
	}
	panic("no such workload: " + args[1])
}

func main() {
	// Its thread moves from namespace to namespace.
	runtime.LockOSThread()
	var err error
	home, err = netns.Get()
	must(err)
	var limit syscall.Rlimit
	must(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	limit.Cur = limit.Max
	must(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
	chosen := choose(os.Args)
	var held []*stack
	for words := bufio.NewScanner(os.Stdin); words.Scan(); {
		switch words.Text() {
		case "hold":
			held = chosen.hold()
			answer(paths(held))
		case "run":
			answer(chosen.run())
		case "drop":
			closeAll(held)
			held = nil
			answer(struct{}{})
		}
	}
}
