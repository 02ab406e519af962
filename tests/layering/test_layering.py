"""The house keeps its layers, and the check that says so can say no."""

import house
import layering
import pytest


def test_the_house_keeps_its_layers():
    found = layering.violations(house.ROOT)
    assert not found, "\n" + "\n".join(found)


def test_the_table_allows_no_circle():
    def reachable(room, seen):
        for other in layering.ROOMS[room] - seen:
            seen |= {other} | reachable(other, seen | {other})
        return seen

    for table in (layering.ROOMS, layering.PAGE):
        for room, others in table.items():
            for other in others:
                assert room not in table[other], f"{room} and {other} include each other"
    for room in layering.ROOMS:
        assert room not in reachable(room, set()), f"{room} leads back to itself"


def found_in(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return layering.violations(tmp_path)


HEADERS = {name: "#pragma once\n" for name in (
    "core/units.hpp", "protocol/codec.hpp", "http/server.hpp", "firmware/core/machine.hpp",
    "firmware/simulator/plant/pump.hpp", "firmware/simulator/server.hpp",
    "backend/control/coordinator.hpp", "backend/routes/routes.hpp", "backend/esp32/link.hpp",
    "backend/database/log.hpp", "backend/app/app.hpp", "firmware/testing/check.hpp")}


@pytest.mark.parametrize("place, line", [
    ("core/a.cpp", '#include "protocol/codec.hpp"'),
    ("protocol/a.cpp", '#include "backend/control/coordinator.hpp"'),
    ("http/a.cpp", '#include "protocol/codec.hpp"'),
    ("firmware/core/a.cpp", '#include "backend/control/coordinator.hpp"'),
    ("firmware/core/a.cpp", '#include "firmware/simulator/server.hpp"'),
    ("firmware/core/a.cpp", '#include "firmware/testing/check.hpp"'),
    ("firmware/simulator/plant/a.cpp", '#include "firmware/simulator/server.hpp"'),
    ("firmware/simulator/a.cpp", '#include "backend/routes/routes.hpp"'),
    ("backend/control/a.cpp", '#include "backend/database/log.hpp"'),
    ("backend/control/tests/a_test.cpp", '#include "firmware/core/machine.hpp"'),
    ("backend/routes/a.cpp", '#include "backend/esp32/link.hpp"'),
    ("backend/esp32/a.cpp", '#include "backend/database/log.hpp"'),
    ("backend/database/a.cpp", '#include "backend/routes/routes.hpp"'),
    ("backend/esp32/a.cpp", '#include "http/server.hpp"'),
    ("backend/routes/a.cpp", '#include "backend/app/app.hpp"'),
    ("simulation/a.cpp", '#include "firmware/simulator/server.hpp"'),
    ("simulation/a.cpp", '#include "backend/database/log.hpp"'),
    ("simulation/a.cpp", "#include <boost/asio.hpp>"),
    ("simulation/a.cpp", "#include <sys/socket.h>"),
    ("core/a.cpp", "#include <chrono>\nauto t = std::chrono::steady_clock::now();"),
    ("protocol/a.cpp", "#include <rapidjson/document.h>"),
    ("backend/control/a.cpp", "#include <boost/json.hpp>"),
    ("backend/control/a.cpp", "#include <spdlog/spdlog.h>"),
    ("firmware/core/a.cpp", "#include <thread>"),
    ("firmware/core/a.cpp", "#include <random>"),
    ("backend/control/a.cpp", "#include <mutex>"),
    ("protocol/a.cpp", "#include <fstream>"),
    ("backend/routes/a.cpp", "#include <sqlite3.h>"),
    ("firmware/core/a.cpp", "#include <freertos/FreeRTOS.h>"),
    ("firmware/hal/a.hpp", "#include <sdkconfig.h>"),
    ("firmware/esp32/portable/a.cpp", "#include <esp_log.h>"),
    ("firmware/esp32/main/a.cpp", '#include "firmware/simulator/server.hpp"'),
    ("core/a.cpp", '#include "units.hpp"'),
    ("attic/a.cpp", "int forgotten;"),
])
def test_a_broken_layer_is_found(tmp_path, place, line):
    found = found_in(tmp_path, {**HEADERS, place: line + "\n"})
    assert len(found) == 1 and found[0].startswith(place), found


@pytest.mark.parametrize("place, line", [
    ("protocol/a.cpp", '#include "core/units.hpp"'),
    ("firmware/simulator/a.cpp", '#include "http/server.hpp"\n#include <boost/asio.hpp>'),
    ("backend/app/a.cpp", '#include "backend/database/log.hpp"\n#include <spdlog/spdlog.h>'),
    ("firmware/esp32/main/a.cpp", '#include "firmware/core/machine.hpp"\n#include <esp_log.h>'),
    ("simulation/a.cpp", '#include "firmware/simulator/plant/pump.hpp"'),
    ("firmware/core/tests/a_test.cpp", '#include "firmware/testing/check.hpp"'),
    ("core/tests/a_test.cpp", "#include <fstream>\n#include <thread>"),
    ("core/a.cpp", "// never std::chrono::steady_clock::now() here"),
    ("tests/contract/a.cpp", '#include "backend/database/log.hpp"\n#include <sqlite3.h>'),
])
def test_what_is_allowed_passes(tmp_path, place, line):
    assert found_in(tmp_path, {**HEADERS, place: line + "\n"}) == []


@pytest.mark.parametrize("place, line", [
    ("lib/a.ts", 'import { useStatus } from "@/hooks/use-status";'),
    ("lib/a.ts", "import {\n  useStatus,\n} from '../hooks/use-status'"),
    ("types/a.ts", 'export * from "@/lib/api";'),
    ("types/a.ts", 'import { tapSchema } from "@/lib/wire";'),
    ("hooks/a.ts", 'import { Glass } from "@/components/glass/glass";'),
    ("components/ui/a.tsx", 'import { useStatus } from "@/hooks/use-status";'),
    ("components/glass/a.tsx", 'import App from "@/App";'),
    ("components/glass/a.tsx", 'const App = await import("../../App");'),
    ("components/glass/a.tsx", 'import { stops } from "@/features/host/lib/stops";'),
    ("lib/a.ts", 'import { hostTexts } from "@/features/host/texts";'),
    ("features/pour/components/a.tsx", 'import { Who } from "@/features/identity/components/b";'),
    ("features/pour/components/a.tsx", 'const log = lazily(() => import("../../log/log-page"));'),
    ("features/pour/components/a.tsx", 'import { App } from "@/App";'),
    ("features/pour/lib/a.ts", 'import { useOrder } from "@/features/pour/hooks/use-order";'),
    ("features/pour/hooks/a.ts", 'import { Panel } from "../components/panel";'),
    ("features/pour/texts/index.ts", 'import { order } from "@/features/pour/lib/order";'),
    ("features/pour/misc/a.ts", 'import { order } from "@/features/pour/lib/order";'),
])
def test_an_import_against_the_stream_is_found(tmp_path, place, line):
    found = found_in(tmp_path, {f"frontend/src/{place}": line + "\n"})
    assert len(found) == 1 and place in found[0], found


@pytest.mark.parametrize("place, line", [
    ("types/a.ts", 'import type {\n  tapSchema,\n} from "@/lib/wire";'),
    ("App.tsx", 'import { GuestPage } from "@/features/pour/components/guest-page";'),
    ("features/pour/components/a.tsx", 'import { use } from "@/features/pour/hooks/use-order";'),
    ("features/pour/components/a.tsx", 'import { Button } from "@/components/ui/button";'),
    ("features/host/hooks/a.ts", 'import { stopTaps } from "../api";\nimport "@/lib/wire";'),
    ("features/log/lib/a.ts", 'import { fetchRow } from "@/features/log/api";'),
    ("components/glass/a.tsx", 'import { useStatus } from "@/hooks/use-status";\nimport "react";'),
    ("components/glass/a.tsx", 'import { Button } from "../ui/button";'),
    ("hooks/a.test.ts", 'import { server } from "@/test/server";'),
])
def test_imports_with_the_stream_pass(tmp_path, place, line):
    assert found_in(tmp_path, {f"frontend/src/{place}": line + "\n"}) == []
