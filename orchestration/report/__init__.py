"""What people read: a council's page, its pictures and the questions. Reads the published copy alone."""
