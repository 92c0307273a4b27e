package main

import (
	"net"
	"time"

	"github.com/vishvananda/netlink"
)

type routes struct {
	stacks []*stack
	link   netlink.Link
}

func (r *routes) build() {
	r.stacks = buildPair()
	link, err := r.stacks[0].handle.LinkByName("eth0")
	must(err)
	r.link = link
}

// Host routes 11.0.0.0, 11.0.0.1, …, each like the pattern.
func (r *routes) add(count int, pattern netlink.Route) {
	mask := net.CIDRMask(32, 32)
	for i := 0; i < count; i++ {
		route := pattern
		route.LinkIndex = r.link.Attrs().Index
		route.Dst = &net.IPNet{IP: net.IP{11, byte(i >> 16), byte(i >> 8), byte(i)}, Mask: mask}
		must(r.stacks[0].handle.RouteAdd(&route))
	}
}

type routesAdd struct {
	size int
	routes
}

func (r *routesAdd) hold() []*stack {
	r.build()
	return r.stacks
}

// The routes of the run before this one go with their link.
func (r *routesAdd) run() map[string]float64 {
	must(r.stacks[0].handle.LinkSetDown(r.link))
	must(r.stacks[0].handle.LinkSetUp(r.link))
	start := time.Now()
	r.add(r.size, netlink.Route{Scope: netlink.SCOPE_LINK})
	return map[string]float64{"run": milliseconds(start)}
}

type routesDump struct {
	size int
	routes
}

func (r *routesDump) hold() []*stack {
	r.build()
	r.add(r.size, netlink.Route{Gw: net.ParseIP("10.0.0.2"), Priority: 100})
	return r.stacks
}

func (r *routesDump) run() map[string]float64 {
	start := time.Now()
	list, err := r.stacks[0].handle.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{}, 0)
	must(err)
	sum := 0
	for _, route := range list {
		sum += route.LinkIndex + route.Priority + len(route.Gw)
		if route.Dst != nil {
			sum += int(route.Dst.IP[3])
		}
	}
	run := milliseconds(start)
	if len(list) <= r.size || sum == 0 {
		panic("the number of routes")
	}
	return map[string]float64{"run": run}
}
