"""What people read: a council's page, its pictures and the thirty questions. Reads the published copy alone."""
