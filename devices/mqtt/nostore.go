package mqtt

import "github.com/eclipse/paho.mqtt.golang/packets"

// noStore is for a library that keeps every message, in case it connects again
// by itself. We take a new client for each connection, which would find
// nothing.
type noStore struct{}

func (noStore) Open()                             {}
func (noStore) Put(string, packets.ControlPacket) {}
func (noStore) Get(string) packets.ControlPacket  { return nil }
func (noStore) All() []string                     { return nil }
func (noStore) Del(string)                        {}
func (noStore) Close()                            {}
func (noStore) Reset()                            {}
