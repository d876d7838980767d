"""What people look at: a council's page, its pictures, and the thirty questions. Reads the published copy alone."""
