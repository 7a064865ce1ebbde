"""What scenes are put together from: people, rooms, streets, landscapes and things."""
