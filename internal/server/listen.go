package server

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// BusyError says that somebody else listens on an address.
type BusyError struct{ Address string }

// Error says what to do about it.
func (e *BusyError) Error() string {
	return fmt.Sprintf("another program is listening on %s", e.Address)
}

// listen takes the addresses and settles the external URL. "localhost" is both of this machine's loopback addresses,
// since some clients try one and some the other; where there is no IPv6, it is 127.0.0.1.
func (s *Server) listen() error {
	host, port, err := net.SplitHostPort(s.config.Listen)
	if err != nil {
		return fmt.Errorf("--listen %q: want host:port, such as localhost:7070", s.config.Listen)
	}
	if host != "localhost" {
		if err := s.take(host, port); err != nil {
			return err
		}
	} else if err := s.takeLoopback(port); err != nil {
		return err
	}
	s.URL, err = s.config.external(s.listeners[0].Addr().(*net.TCPAddr).Port)
	return err
}

func (s *Server) takeLoopback(port string) error {
	if err := s.take("127.0.0.1", port); err != nil {
		return err
	}
	port = strconv.Itoa(s.listeners[0].Addr().(*net.TCPAddr).Port) // for port 0: the one that was given
	var busy *BusyError
	if err := s.take("::1", port); errors.As(err, &busy) {
		return err
	}
	return nil
}

func (s *Server) take(host, port string) error {
	address := net.JoinHostPort(host, port)
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return &BusyError{address}
	}
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	s.listeners = append(s.listeners, l)
	return nil
}
