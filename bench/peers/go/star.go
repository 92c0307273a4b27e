package main

import (
	"fmt"

	"github.com/vishvananda/netlink"
)

type star struct{ leaves int }

func (s star) build() []*stack {
	hub := newStack()
	must(hub.handle.LinkAdd(&netlink.Bridge{LinkAttrs: attributes("br0")}))
	bridge, err := hub.handle.LinkByName("br0")
	must(err)
	hub.up("lo")
	hub.address(bridge, "10.0.0.1/16")
	stacks := []*stack{hub}
	for i := 1; i <= s.leaves; i++ {
		leaf := newStack()
		port := attributes(fmt.Sprintf("p%d", i))
		port.MasterIndex = bridge.Attrs().Index
		hub.veth(port, "eth0", leaf)
		hub.up(port.Name)
		leaf.up("lo")
		end := leaf.up("eth0")
		leaf.address(end, fmt.Sprintf("10.0.%d.%d/16", (i+1)/256, (i+1)%256))
		leaf.defaultRoute(end, "10.0.0.1")
		stacks = append(stacks, leaf)
	}
	must(hub.handle.LinkSetUp(bridge))
	goHome()
	return stacks
}

func (s star) hold() []*stack          { return s.build() }
func (s star) run() map[string]float64 { return timed(s.build) }
