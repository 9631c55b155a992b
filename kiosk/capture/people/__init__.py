"""Who is there: signing in, the day's list, consents, and the trail that all of it leaves."""
