"""The browser telephone."""
from fastapi import APIRouter
from agent.house import House
def phone_router(house: House) -> APIRouter:
    return APIRouter()
