"""What is stored about a listing."""

from helpline.models import ContactPoint


def is_public(listing):
    return type(listing).objects.public().filter(pk=listing.pk).exists()


def point_of(programme):
    return ContactPoint.objects.get(programme=programme)
