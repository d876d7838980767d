{{ register_rows('carequartile_release', ['sha256', 'published_on', 'status']) }}
