"""Pages and API over aiohttp: asks services only."""
