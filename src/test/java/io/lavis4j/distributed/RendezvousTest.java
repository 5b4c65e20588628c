package io.lavis4j.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.ConfigException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RendezvousTest {

    private static final String TORCHRUN = "RANK=5 WORLD_SIZE=8 LOCAL_RANK=1 MASTER_ADDR=node0 MASTER_PORT=29400";
    private static final String SLURM =
            "SLURM_PROCID=3 SLURM_NTASKS=4 SLURM_LOCALID=1 SLURM_JOB_NODELIST=gpu[07-09,12],x1 SLURM_JOB_ID=1234567";

    private static Map<String, String> variables(String text) {
        var variables = new HashMap<String, String>();
        for (String each : text.split(" +", -1)) {
            if (!each.isEmpty()) {
                variables.put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
            }
        }
        return variables;
    }

    private static Rendezvous of(String variables) {
        return of(variables, "env://");
    }

    private static Rendezvous of(String variables, String url) {
        return Objects.requireNonNull(Rendezvous.of(variables(variables)::get, url));
    }

    private static void assertProblems(String variables, String... problems) {
        assertThatThrownBy(() -> of(variables))
                .isInstanceOfSatisfying(
                        ConfigException.class, e -> assertThat(e.problems()).containsExactly(problems));
    }

    @Test
    void torchrunSetsEverything() {
        assertThat(of(TORCHRUN)).isEqualTo(new Rendezvous(5, 8, 1, "node0", 29400, false));
    }

    @Test
    void theFirstKeepsTheStoreUnlessTorchrunDoes() {
        String first = "RANK=0 WORLD_SIZE=2 LOCAL_RANK=0 MASTER_ADDR=node0 MASTER_PORT=29400";
        assertThat(of(first)).isEqualTo(new Rendezvous(0, 2, 0, "node0", 29400, true));
        assertThat(of(first + " TORCHELASTIC_USE_AGENT_STORE=True"))
                .isEqualTo(new Rendezvous(0, 2, 0, "node0", 29400, false));
    }

    @Test
    void anAttemptOfTorchrunsHasNamesOfItsOwnInTheStoreOfAll() {
        String second = "RANK=0 WORLD_SIZE=2 MASTER_ADDR=node0 MASTER_PORT=29400 TORCHELASTIC_RESTART_COUNT=1";
        assertThat(of(second)).isEqualTo(new Rendezvous(0, 2, 0, "node0", 29400, true));
        assertThat(of(second + " TORCHELASTIC_USE_AGENT_STORE=True"))
                .isEqualTo(new Rendezvous(0, 2, 0, "node0", 29400, false, "attempt 1/"));
    }

    @Test
    void kubeflowHasNoLocalRankAndTheLaunchersVariablesBeside() {
        assertThat(of("RANK=1 WORLD_SIZE=2 MASTER_ADDR=job-master-0 MASTER_PORT=23456 PET_NNODES=2 PET_NODE_RANK=1"))
                .isEqualTo(new Rendezvous(1, 2, 0, "job-master-0", 23456, false));
    }

    @Test
    void slurmNamesAHostAndTheJobsNumberMakesAPort() {
        assertThat(of(SLURM)).isEqualTo(new Rendezvous(3, 4, 1, "gpu07", 24567, false));
        assertThat(of(SLURM + " MASTER_ADDR=login MASTER_PORT=2000"))
                .isEqualTo(new Rendezvous(3, 4, 1, "login", 2000, false));
        assertThat(of("SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_LOCALID=0 SLURM_NODELIST=a"))
                .isEqualTo(new Rendezvous(0, 2, 0, "a", 29500, true));
    }

    @Test
    void torchrunGoesBeforeSlurm() {
        assertThat(of(TORCHRUN + " " + SLURM)).isEqualTo(of(TORCHRUN));
    }

    @Test
    void aUrlReplacesTheVariablesOfTheStore() {
        String variables = "RANK=1 WORLD_SIZE=2 LOCAL_RANK=1";
        assertThat(of(variables, "tcp://10.0.0.1:4000")).isEqualTo(new Rendezvous(1, 2, 1, "10.0.0.1", 4000, false));
        assertThat(of(variables, "tcp://[::1]:4000").host())
                .as("as the store looks for it")
                .isEqualTo("::1");
        assertThat(of(variables + " MASTER_ADDR=other MASTER_PORT=1", "tcp://host:4000")
                        .host())
                .isEqualTo("host");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "MASTER_ADDR=node0 MASTER_PORT=29400",
                "RANK=0 WORLD_SIZE=1",
                "RANK=0 WORLD_SIZE=1 LOCAL_RANK=0 MASTER_ADDR=localhost MASTER_PORT=29400",
                "RANK=0 WORLD_SIZE=1 SLURM_PROCID=3 SLURM_NTASKS=4",
                "SLURM_PROCID=0 SLURM_NTASKS=1 SLURM_LOCALID=0",
                "SLURM_PROCID=0 SLURM_LOCALID=0",
                "PET_NNODES=1 PET_NPROC_PER_NODE=auto"
            })
    void oneProcessHasNoGroup(String variables) {
        assertThat(Rendezvous.of(variables(variables)::get, "env://")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RANK=1 | WORLD_SIZE is not set, but RANK is 1; expected the number of processes",
                "WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=1 | RANK is not set, but WORLD_SIZE is 2; expected from 0 and below WORLD_SIZE, 2",
                "RANK=0 WORLD_SIZE=2 MASTER_PORT=1 | MASTER_ADDR is not set, and there are 2 processes; expected the host of the first",
                "RANK=2 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=1 | RANK is 2; expected from 0 and below WORLD_SIZE, 2",
                "RANK=-1 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=1 | RANK is -1; expected from 0 and below WORLD_SIZE, 2",
                "RANK=1 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=70000 | MASTER_PORT is 70000; expected a free port on MASTER_ADDR, the same for all",
                "RANK=1 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=1 LOCAL_RANK=1 LOCAL_WORLD_SIZE=1 | LOCAL_RANK is 1; expected from 0 and below LOCAL_WORLD_SIZE, 1",
                "RANK=1 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=1 LOCAL_RANK=x | LOCAL_RANK is x; expected from 0 and below WORLD_SIZE, 2",
                "LOCAL_RANK=1 | WORLD_SIZE is not set, but LOCAL_RANK is 1; expected the number of processes",
                "SLURM_PROCID=1 SLURM_NTASKS=2 SLURM_JOB_NODELIST=a | SLURM_LOCALID is not set, but SLURM_PROCID is 1; expected from 0 and below SLURM_NTASKS, 2",
                "SLURM_PROCID=1 SLURM_NTASKS=2 SLURM_LOCALID=1 | SLURM_JOB_NODELIST and MASTER_ADDR are not set, and there are 2 processes; expected the host of the first"
            })
    void whatIsMissingOrContradictsIsNamed(String variables, String problem) {
        assertProblems(variables, problem);
    }

    @Test
    void allProblemsAreToldAtOnce() {
        assertProblems(
                "RANK=7 WORLD_SIZE=4",
                "RANK is 7; expected from 0 and below WORLD_SIZE, 4",
                "MASTER_ADDR is not set, and there are 4 processes; expected the host of the first",
                "MASTER_PORT is not set, but RANK is 7 and WORLD_SIZE is 4; expected a free port on MASTER_ADDR, the same for all");
    }

    @Test
    void theLaunchersVariablesAloneStartNoGroup() {
        assertProblems(
                "PET_NNODES=2 PET_NODE_RANK=0",
                "PET_NNODES is 2, but RANK and WORLD_SIZE are not set: it is for a launcher; start with launch train ..., which sets them for each process");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "node3; node3",
                "node3,node4; node3",
                "gpu[003-006,009],login1; gpu003",
                "gpu[9]; gpu9",
                "rack[1-2]n[03,05-07]-ib,b; rack1n03-ib"
            })
    void theFirstHostOfSlurmsNotation(String list, String host) {
        assertThat(Rendezvous.firstHost(list)).isEqualTo(host);
    }

    @ParameterizedTest
    @CsvSource({"RANK=3 SLURM_PROCID=1,3", "SLURM_PROCID=2,2", "RANK=x,0", "A=b,0"})
    void theRankForTheLog(String variables, int rank) {
        assertThat(Rendezvous.rank(variables(variables)::get)).isEqualTo(rank);
    }

    @ParameterizedTest
    @CsvSource({
        "env://,true",
        "tcp://a:1,true",
        "tcp://[::1]:65535,true",
        "tcp://a,false",
        "tcp://a:0,false",
        "tcp://a:65536,false",
        "file:///tmp/a,false",
        "'',false",
        "tcp://:1,false"
    })
    void urls(String url, boolean known) {
        assertThat(Rendezvous.isUrl(url)).isEqualTo(known);
    }

    @Test
    void eachProcessHasTheGpuOfItsLocalRank() {
        var rendezvous = of(TORCHRUN);
        assertThat(rendezvous.device("cuda")).isEqualTo("cuda:1");
        assertThat(rendezvous.device("cpu")).isEqualTo("cpu");
        assertThatThrownBy(() -> rendezvous.device("cuda:0"))
                .hasMessage(
                        "run.device is cuda:0, and there are 8 processes; expected cuda, which is for each process the"
                                + " GPU of its LOCAL_RANK, here cuda:1");
    }
}
