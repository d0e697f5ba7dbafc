package connect

import (
	"net"
	"sync"
)

// door is a listener that lets in as many connections as there is room for; others wait in the queue of the system.
type door struct {
	net.Listener
	room   chan struct{}
	closed chan struct{}
	close  func()
}

func newDoor(l net.Listener, room chan struct{}) *door {
	closed := make(chan struct{})
	return &door{Listener: l, room: room, closed: closed, close: sync.OnceFunc(func() { close(closed) })}
}

// Accept waits for room, then for a connection.
func (d *door) Accept() (net.Conn, error) {
	select {
	case d.room <- struct{}{}:
	case <-d.closed:
		return nil, net.ErrClosed
	}
	c, err := d.Listener.Accept()
	if err != nil {
		<-d.room
		return nil, err
	}
	return &guest{Conn: c, leave: sync.OnceFunc(func() { <-d.room })}, nil
}

// Close ends the waiting for room too.
func (d *door) Close() error {
	d.close()
	return d.Listener.Close()
}

// guest is a connection that gives its room back when it is closed.
type guest struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (g *guest) Close() error {
	defer g.leave()
	return g.Conn.Close()
}

// tunnels is the listener of the server at the inner end of the tunnels.
type tunnels struct {
	waiting chan net.Conn
	closed  chan struct{}
	close   func()
}

func newTunnels() *tunnels {
	closed := make(chan struct{})
	return &tunnels{waiting: make(chan net.Conn), closed: closed, close: sync.OnceFunc(func() { close(closed) })}
}

// enter hands over a tunnel.
func (t *tunnels) enter(c net.Conn) {
	select {
	case t.waiting <- c:
	case <-t.closed:
		_ = c.Close() // the server is stopping, and nobody waits for an answer
	}
}

// Accept returns the next tunnel.
func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case c := <-t.waiting:
		return c, nil
	case <-t.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (t *tunnels) Close() error {
	t.close()
	return nil
}

// Addr is none: tunnels come from inside.
func (*tunnels) Addr() net.Addr { return &net.TCPAddr{} }
