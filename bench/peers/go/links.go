package main

import (
	"fmt"
	"time"
)

type linksDump struct {
	size  int
	stack *stack
}

func (l *linksDump) hold() []*stack {
	l.stack = newStack()
	goHome()
	for i := 0; i < l.size; i++ {
		l.stack.veth(attributes(fmt.Sprintf("a%d", i)), fmt.Sprintf("b%d", i), nil)
	}
	return []*stack{l.stack}
}

func (l *linksDump) run() map[string]float64 {
	start := time.Now()
	list, err := l.stack.handle.LinkList()
	must(err)
	sum := 0
	for _, link := range list {
		attributes := link.Attrs()
		sum += attributes.Index + attributes.MTU + len(attributes.Name) + len(attributes.HardwareAddr) + len(link.Type())
	}
	run := milliseconds(start)
	if len(list) != 2*l.size+1 || sum == 0 {
		panic("the number of links")
	}
	return map[string]float64{"run": run}
}
