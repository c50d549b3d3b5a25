#!/usr/bin/env python3
"""The include rules themselves: what they must let pass, and what they must not."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import include_rules


def why(path, target, bracket='"'):
    return include_rules.breach(path, bracket, target)


class IncludeRules(unittest.TestCase):
    def test_let_pass(self):
        for path, target, bracket in [
                ("orchestrator/core/advance.cc", "orchestrator/core/advance.h", '"'),
                ("orchestrator/core/advance.h", "absl/time/time.h", '"'),
                ("orchestrator/core/advance.h", "string_view", "<"),
                ("orchestrator/sagas/reservation_saga.h", "orchestrator/core/definition.h", '"'),
                ("orchestrator/main.cc", "orchestrator/store/tables.h", '"'),
                ("seat_svc/seat_node.cc", "seatsaga/seat/v1/seat.pb.h", '"'),
                ("seat_svc/seat_node.cc", "api/seat.h", '"'),
                ("cluster/clients.h", "api/methods.h", '"'),
                ("reservation_svc/outbox.cc", "seatsaga/orchestrator/v1/orchestrator.pb.h", '"'),
                ("common/rpc/server.cc", "grpcpp/grpcpp.h", "<"),
                ("common/rpc/stream.h", "grpcpp/grpcpp.h", "<"),
                ("common/process/command_line.cc", "CLI/CLI.hpp", "<"),
                ("bench/null_chain.cc", "grpcpp/grpcpp.h", "<"),
                ("bench/baselines/pg_connection.cc", "libpq-fe.h", "<"),
                ("bench/micro/turns_bench.cc", "seat_svc/seat_logic.h", '"'),
                ("bench/instructions/main.cc", "bench/one_thread/chain.h", '"'),
                ("cluster/clients.cc", "grpc/health/v1/health.pb.h", '"'),
                ("tests/unit/seat_svc/hall_test.cc", "seat_svc/hall.h", '"'),
                ("tests/simulation/checker.cc", "tests/simulation/checker_facts.h", '"'),
        ]:
            self.assertIsNone(why(path, target, bracket), (path, target))

    def test_refuse(self):
        for path, target, bracket in [
                ("orchestrator/core/advance.cc", "orchestrator/engine/engine.h", '"'),
                ("orchestrator/core/advance.cc", "common/id.h", '"'),
                ("orchestrator/core/advance.cc", "absl/time/clock.h", '"'),
                ("orchestrator/core/advance.cc", "thread", "<"),
                ("orchestrator/core/advance.cc", "unistd.h", "<"),
                ("orchestrator/core/advance.cc", "google/protobuf/message.h", "<"),
                ("orchestrator/sagas/reservation_saga.cc", "random", "<"),
                ("orchestrator/store/saga_reader.cc", "orchestrator/engine/engine.h", '"'),
                ("orchestrator/store/saga_reader.cc", "seatsaga/seat/v1/seat.pb.h", '"'),
                ("orchestrator/engine/engine.cc", "seatsaga/payment/v1/payment.pb.h", '"'),
                ("sagactl/main.cc", "orchestrator/store/tables.h", '"'),
                ("common/id.cc", "seatsaga/seat/v1/seat.pb.h", '"'),
                ("common/id.cc", "seat_svc/seat_tables.h", '"'),
                ("common/rpc/server.h", "grpcpp/grpcpp.h", "<"),
                ("common/log.cc", "grpc/status.h", "<"),
                ("common/rpc/health.h", "grpc/health/v1/health.grpc.pb.h", '"'),
                ("seat_svc/main.cc", "common/rpc/convert.h", '"'),
                ("seat_svc/seat_node.cc", "grpcpp/grpcpp.h", "<"),
                ("seat_svc/seat_node.cc", "payment_svc/payment_tables.h", '"'),
                ("seat_svc/seat_node.cc", "api/payment.h", '"'),
                ("seat_svc/seat_node.cc", "seatsaga/payment/v1/payment.pb.h", '"'),
                ("payment_svc/payment_logic.cc", "sqlite3.h", "<"),
                ("payment_svc/payment_logic.cc", "spdlog/spdlog.h", "<"),
                ("bench/load.cc", "grpcpp/grpcpp.h", "<"),
                ("cluster/clients.cc", "grpcpp/grpcpp.h", "<"),
                ("cluster/cluster.cc", "tests/support/temp_dir.h", '"'),
                ("simulated_provider/simulated_logic.cc", "seat_svc/hall.h", '"'),
                ("bench/load.cc", "libpq-fe.h", "<"),
                ("bench/baselines/pg_connection.h", "libpq-fe.h", "<"),
                ("seat_svc/seat_logic.cc", "libpq-fe.h", "<"),
                ("sagactl/program.cc", "CLI/CLI.hpp", "<"),
                ("bench/load.cc", "seat_svc/seat_logic.h", '"'),
                ("bench/one_thread/chain.cc", "tests/unit/seat_svc/requests.h", '"'),
                ("bench/one_thread/chain.cc", "grpcpp/grpcpp.h", "<"),
                ("tests/simulation/checker.cc", "sagactl/audit/audit.h", '"'),
                ("tests/simulation/checker_facts.h", "common/text.h", '"'),
                ("new_folder/file.cc", "string", "<"),
        ]:
            self.assertIsNotNone(why(path, target, bracket), (path, target))

    def test_every_include_of_every_file_is_read(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "common").mkdir()
            (root / "common/a.h").write_text('#include <string>\n\n  # include "seat_svc/b.h"\n')
            breaches, count = include_rules.check(root)
        self.assertEqual(count, 2)
        self.assertEqual(breaches, ['common/a.h:3: "seat_svc/b.h": common/ may not include it'])

    def test_nothing_to_read_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(include_rules.main([folder]), 1)


if __name__ == "__main__":
    unittest.main()
