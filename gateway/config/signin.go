package config

import (
	"cmp"
	"fmt"
)

// SignIn is an OpenID Connect provider by which people sign in, too.
type SignIn struct {
	Issuer       string
	ClientID     string
	ClientSecret Secret
	Name         string // what people call it
	RoleClaim    string
	Roles        []RoleOf // the first that fits counts
	People       []Who
	OutHere      bool // signing out here leaves the sign-in there
}

// RoleOf is the role of whoever has a value in the claim.
type RoleOf struct {
	Is   string
	Role Role
}

// Who is the responder behind a verified mail address or a subject.
type Who struct{ Is, Person string }

// signIn checks a provider.
func (c *checker) signIn(path string, r *rawSignIn) *SignIn {
	if r == nil {
		return nil
	}
	s := &SignIn{Issuer: r.Issuer, ClientID: r.ClientID, Name: cmp.Or(r.Name, r.Issuer), RoleClaim: cmp.Or(r.RoleClaim, "groups")}
	if u := c.http(path+".issuer", NewSecret(r.Issuer), "such as https://id.example.org"); u != nil && u.Scheme == "http" && !loopback(u.Hostname()+":1") {
		c.Errorf(path+".issuer", "who people are would come in the clear; use https://")
	}
	if r.ClientID == "" {
		c.Errorf(path+".client_id", "missing; write the id that the provider has given this gateway")
	}
	s.ClientSecret = c.secret(path, "client_secret", r.ClientSecret, r.ClientSecretFile)
	if r.SignOut != "" && c.oneOf(path+".sign_out", r.SignOut, "provider", "here") {
		s.OutHere = r.SignOut == "here"
	}
	if len(r.Roles) == 0 {
		c.Errorf(path+".roles", "missing; say whom the provider's people are here, such as roles: [{is: nurses, role: nurse}]")
	}
	for i, x := range r.Roles {
		at := fmt.Sprintf("%s.roles[%d]", path, i)
		if x.Is == "" {
			c.Errorf(at+".is", "missing; write a value of the claim %q", s.RoleClaim)
		}
		c.oneOf(at+".role", x.Role, workRoles()...)
		s.Roles = append(s.Roles, RoleOf{x.Is, Role(x.Role)})
	}
	seen := map[string]bool{}
	for i, x := range r.People {
		at := fmt.Sprintf("%s.people[%d]", path, i)
		switch {
		case x.Is == "" || x.Person == "":
			c.Errorf(at, "want a verified mail address or a subject, and the key of a responder: {is: marta@example.org, person: marta}")
		case seen[x.Is]:
			c.Errorf(at+".is", "%q is written twice", x.Is)
		}
		seen[x.Is] = true
		s.People = append(s.People, Who(x))
	}
	return s
}
