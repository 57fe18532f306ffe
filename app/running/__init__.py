"""Starting and stopping: what is kept in ``RELAIS_HOME``, what is prepared, what is told, what serves."""
