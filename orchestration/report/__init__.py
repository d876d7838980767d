"""What people look at: a council's page, its workbook, the site, and the thirty questions. Reads the published copy alone."""
