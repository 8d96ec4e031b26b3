# Kept buildable by inspection only: no container engine was at hand where this is written.
# What stands here is checked by tests/test_containers.py (files, settings), not by a build.
FROM python:3.11-slim-bookworm AS built

# For packages without a wheel.
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
RUN python -m venv /opt/permanence
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY agent agent
COPY knowledge knowledge
COPY voices voices
COPY evals evals
RUN /opt/permanence/bin/pip install --no-cache-dir '.[postgresql]'

FROM python:3.11-slim-bookworm
# npm: only where the model hub cannot be reached.
RUN apt-get update \
 && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-fra npm \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/permanence --shell /usr/sbin/nologin permanence \
 && install -d -o permanence -g permanence -m 0750 /var/lib/permanence
COPY --from=built /opt/permanence /opt/permanence
ENV PATH=/opt/permanence/bin:$PATH \
    HOME=/var/lib/permanence \
    PERMANENCE_HOME=/var/lib/permanence \
    PERMANENCE_HOST=0.0.0.0 \
    PERMANENCE_PORT=8080
USER permanence
WORKDIR /var/lib/permanence
# Models, manuals, recordings, the database.
VOLUME /var/lib/permanence
EXPOSE 8080
# Models are loaded before it answers; the first start fetches them.
HEALTHCHECK --interval=15s --timeout=5s --start-period=15m --retries=4 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["sh", "-c", "permanence models pull && exec permanence serve"]
