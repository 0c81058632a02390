package dashboards

// Screens counts the pages and screens that are connected now.
func (h *Hub) Screens() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.screens)
}
