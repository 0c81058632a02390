package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
)

// Sizes of RFC 8188 and RFC 8291.
const (
	saltSize = 16
	tagSize  = 16
	pointLen = 65 // an uncompressed point of P-256
	authSize = 16
	// recordSize is what the header says of the one record there is: a push
	// service must take 4096 bytes of body and need not take more. [RFC 8030 7.2]
	recordSize = 4096
	headerSize = saltSize + 4 + 1 + pointLen
	// maxPlain is what fits beside header, tag and the mark of the last record.
	maxPlain = recordSize - headerSize - tagSize - 1
	// padTo hides from the push service how much is said, and so what.
	padTo = 1024
)

// seal encrypts for one browser: only it can read what its push service carries.
// [RFC 8291 3.4, RFC 8188 2]
func seal(to Phone, plain []byte) ([]byte, error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	padded := min((len(plain)/padTo+1)*padTo, maxPlain)
	return sealWith(to, plain, key, salt, padded-len(plain))
}

func sealWith(to Phone, plain []byte, key *ecdh.PrivateKey, salt []byte, padding int) ([]byte, error) {
	theirs, err := ecdh.P256().NewPublicKey(to.P256dh) // refuses what is not on the curve
	if err != nil {
		return nil, err
	}
	shared, err := key.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	ours := key.PublicKey().Bytes()
	input, err := hkdf.Key(sha256.New, shared, to.Auth, "WebPush: info\x00"+string(to.P256dh)+string(ours), 32)
	if err != nil {
		return nil, err
	}
	secret, err := hkdf.Key(sha256.New, input, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, input, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	body := append(make([]byte, 0, recordSize), salt...)
	body = binary.BigEndian.AppendUint32(body, recordSize)
	body = append(append(body, byte(len(ours))), ours...)
	record := append(append([]byte{}, plain...), 2) // the last record, and the only one
	return gcm.Seal(body, nonce, append(record, make([]byte, max(padding, 0))...), nil), nil
}
