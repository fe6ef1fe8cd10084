"""Mail to customers: templates in both languages, and the sender that hands them to an SMTP server."""
