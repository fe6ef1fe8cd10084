"""Background work: schedule, inbox, outbox, payments watched. Inside the app, or `python -m portal_app.worker`."""
