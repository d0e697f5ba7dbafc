package server

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// BusyError says that somebody else listens on an address.
type BusyError struct{ Address string }

// Error says what to do about it.
func (e *BusyError) Error() string {
	return fmt.Sprintf("another program is listening on %s", e.Address)
}

// listen takes the addresses and settles the external URL.
func (s *Server) listen() error {
	var err error
	if s.listeners, err = take("--listen", s.config.Listen); err != nil {
		return err
	}
	if s.config.Connect != "" {
		if err := s.listenConnect(); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	s.URL, err = s.config.external(s.listeners[0].Addr().(*net.TCPAddr).Port)
	return err
}

// listenConnect takes the address of the proxy. Whoever can speak to it signs in through it, and its certificates are
// those of AWS's names: it is for programs on this machine.
func (s *Server) listenConnect() error {
	host, _, err := net.SplitHostPort(s.config.Connect)
	if err != nil {
		return fmt.Errorf("--connect-listen %q: want host:port, such as localhost:7071", s.config.Connect)
	}
	if at, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !at.IsLoopback()) {
		return fmt.Errorf("--connect-listen %q: this proxy is for programs on its own machine: want localhost, 127.0.0.1 or ::1 and a port", s.config.Connect)
	}
	s.connectors, err = take("--connect-listen", s.config.Connect)
	return err
}

// take listens on an address. "localhost" is both of this machine's loopback addresses, since some clients try one and
// some the other; where there is no IPv6, it is 127.0.0.1.
func take(flag, address string) ([]net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%s %q: want host:port, such as localhost:7070", flag, address)
	}
	if host != "localhost" {
		l, err := takeOne(host, port)
		if err != nil {
			return nil, err
		}
		return []net.Listener{l}, nil
	}
	four, err := takeOne("127.0.0.1", port)
	if err != nil {
		return nil, err
	}
	port = strconv.Itoa(four.Addr().(*net.TCPAddr).Port) // for port 0: the one that was given
	six, err := takeOne("::1", port)
	var busy *BusyError
	switch {
	case errors.As(err, &busy):
		return nil, errors.Join(err, four.Close())
	case err != nil:
		return []net.Listener{four}, nil
	}
	return []net.Listener{four, six}, nil
}

func takeOne(host, port string) (net.Listener, error) {
	address := net.JoinHostPort(host, port)
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &BusyError{address}
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l, nil
}
