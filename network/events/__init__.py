"""Events: pages, registration, waiting list, attendance, calendars and certificates."""
