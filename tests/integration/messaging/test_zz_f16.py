import pytest, time
from tests.fixtures.processes import until
from tests.integration.messaging.conftest import Backbone, running, backbone
from tests.integration.messaging.test_delivery import all_applied
from tests.conftest import *
from shared.logging import configure_logging

@pytest.mark.parametrize("n", range(6))
async def test_it(backbone, n):
    configure_logging("t","INFO")
    async with running(backbone.relay(), backbone.consumer_of()):
        await backbone.state(5)
        await until(lambda: all_applied(backbone), 10)
        backbone.stack.postgres.restart_immediate()
        t=time.time()
        await backbone.state(50)
        await until(lambda: all_applied(backbone), 30)
        print("TOOK", time.time()-t)
