"""Where names that all tests use come from: JUnit 4 and 5, Mockito, pytest, unittest.

A project's own graph is asked before this table: what its other tests import says more.
"""

from __future__ import annotations

_UTIL = (
    "ArrayDeque ArrayList Arrays Collection Collections Comparator Date Deque EnumMap EnumSet "
    "HashMap HashSet Iterator LinkedHashMap LinkedHashSet LinkedList List Locale Map "
    "NoSuchElementException Objects Optional OptionalInt PriorityQueue Properties Queue Random "
    "Scanner Set SortedMap StringJoiner TreeMap TreeSet UUID"
)
_IO = (
    "BufferedReader BufferedWriter ByteArrayInputStream ByteArrayOutputStream File "
    "FileNotFoundException IOException InputStream InputStreamReader OutputStream PrintStream "
    "PrintWriter Reader Serializable StringReader StringWriter UncheckedIOException Writer"
)
_CONCURRENT = (
    "Callable CompletableFuture ConcurrentHashMap CountDownLatch ExecutionException "
    "ExecutorService Executors Future ThreadLocalRandom TimeUnit TimeoutException"
)
_FUNCTION = "BiConsumer BiFunction Consumer Function Predicate Supplier UnaryOperator"
_STANDARD = {
    "java.util": _UTIL,
    "java.io": _IO,
    "java.util.concurrent": _CONCURRENT,
    "java.util.concurrent.atomic": "AtomicBoolean AtomicInteger AtomicLong AtomicReference",
    "java.util.function": _FUNCTION,
    "java.util.stream": "Collectors IntStream Stream",
    "java.util.regex": "Matcher Pattern",
    "java.nio.file": "Files Path Paths",
    "java.nio.charset": "Charset StandardCharsets",
    "java.math": "BigDecimal BigInteger",
    "java.time": "Duration Instant LocalDate LocalDateTime LocalTime ZoneId ZonedDateTime",
    "java.lang.reflect": "Field InvocationTargetException Method Modifier",
}
_MOCKITO = {
    "org.mockito": "ArgumentCaptor Captor InjectMocks Mock MockedStatic Mockito "
    "MockitoAnnotations Spy",
}
_JUNIT5 = {
    "org.junit.jupiter.api": "AfterAll AfterEach Assertions Assumptions BeforeAll BeforeEach "
    "Disabled DisplayName Nested RepeatedTest Tag Test TestInstance Timeout",
    "org.junit.jupiter.api.extension": "ExtendWith",
    "org.junit.jupiter.api.io": "TempDir",
    "org.junit.jupiter.api.function": "Executable",
    "org.junit.jupiter.params": "ParameterizedTest",
    "org.junit.jupiter.params.provider": "Arguments CsvSource EnumSource MethodSource NullSource "
    "ValueSource",
    "org.mockito.junit.jupiter": "MockitoExtension",
}
_JUNIT4 = {
    "org.junit": "After AfterClass Assert Assume Before BeforeClass Ignore Rule Test",
    "org.junit.runner": "RunWith",
    "org.junit.runners": "Parameterized",
    "org.junit.rules": "ExpectedException TemporaryFolder",
    "org.mockito.junit": "MockitoJUnitRunner",
}
_ASSERTIONS = (
    "assertArrayEquals assertEquals assertFalse assertNotEquals assertNotNull assertNotSame "
    "assertNull assertSame assertThrows assertTrue fail"
)
_ASSERTIONS5 = (
    "assertAll assertDoesNotThrow assertInstanceOf assertIterableEquals assertLinesMatch "
    "assertTimeout assertTimeoutPreemptively assertThrowsExactly"
)
_MOCKITO_CALLS = (
    "doAnswer doNothing doReturn doThrow inOrder mock mockStatic never spy times verify "
    "verifyNoInteractions verifyNoMoreInteractions when"
)
_MATCHERS = "any anyInt anyList anyLong anyMap anyString eq"

_LANG = (
    "AbstractMethodError Appendable ArithmeticException ArrayIndexOutOfBoundsException "
    "ArrayStoreException AssertionError AutoCloseable Boolean Byte CharSequence Character Class "
    "ClassCastException ClassLoader ClassNotFoundException CloneNotSupportedException Cloneable "
    "Comparable Deprecated Double Enum Error Exception ExceptionInInitializerError Float "
    "FunctionalInterface IllegalArgumentException IllegalMonitorStateException "
    "IllegalStateException IndexOutOfBoundsException Integer InterruptedException Iterable "
    "LinkageError Long Math NegativeArraySizeException NoSuchFieldException "
    "NoSuchMethodException NullPointerException Number NumberFormatException Object "
    "OutOfMemoryError Override Process ProcessBuilder Readable Record "
    "ReflectiveOperationException Runnable Runtime RuntimeException SafeVarargs "
    "SecurityException Short StackOverflowError StackTraceElement StrictMath String StringBuffer "
    "StringBuilder StringIndexOutOfBoundsException SuppressWarnings System Thread ThreadLocal "
    "Throwable UnsupportedOperationException Void"
)
JAVA_LANG = frozenset(_LANG.split())
"""Types that need no import."""


def java_types(*, is_junit4: bool) -> dict[str, str]:
    """Simple name -> full name of types that tests use."""
    tables = (_STANDARD, _MOCKITO, _JUNIT4 if is_junit4 else _JUNIT5)
    return {
        name: f"{package}.{name}"
        for table in tables
        for package, names in table.items()
        for name in names.split()
    }


def java_calls(*, is_junit4: bool) -> dict[str, str]:
    """Method name -> full name of static methods that tests call by that name alone."""
    assertions = "org.junit.Assert" if is_junit4 else "org.junit.jupiter.api.Assertions"
    own = _ASSERTIONS if is_junit4 else f"{_ASSERTIONS} {_ASSERTIONS5}"
    groups = {
        assertions: own,
        "org.mockito.Mockito": _MOCKITO_CALLS,
        "org.mockito.ArgumentMatchers": _MATCHERS,
    }
    return {name: f"{owner}.{name}" for owner, names in groups.items() for name in names.split()}


_MODULES = (
    "abc argparse array ast asyncio base64 bisect collections contextlib copy csv dataclasses "
    "datetime decimal enum fractions functools gc hashlib importlib inspect io itertools json "
    "logging math operator os pathlib pickle platform pytest queue random re shutil signal socket "
    "sqlite3 statistics string struct subprocess sys tempfile textwrap threading time traceback "
    "types typing unittest urllib uuid warnings weakref zlib"
)
_FROM = {
    "unittest": "TestCase mock",
    "unittest.mock": "ANY AsyncMock MagicMock Mock PropertyMock call create_autospec mock_open "
    "patch sentinel",
    "pathlib": "Path PurePath",
    "collections": "Counter OrderedDict defaultdict deque namedtuple",
    "contextlib": "contextmanager nullcontext redirect_stdout suppress",
    "dataclasses": "asdict dataclass field replace",
    "datetime": "timedelta timezone",
    "decimal": "Decimal",
    "enum": "Enum IntEnum",
    "fractions": "Fraction",
    "functools": "lru_cache partial wraps",
    "io": "BytesIO StringIO",
    "itertools": "chain combinations permutations product",
    "tempfile": "NamedTemporaryFile TemporaryDirectory",
    "textwrap": "dedent",
    "types": "SimpleNamespace",
    "typing": "Any Callable Dict Iterable Iterator List Optional Tuple Union",
    "uuid": "uuid4",
}


def python_imports() -> dict[str, str]:
    """Name -> the import statement that gives it; what is a module and a name is the module."""
    found = {
        name: f"from {module} import {name}"
        for module, names in _FROM.items()
        for name in names.split()
    }
    return found | {module: f"import {module}" for module in _MODULES.split()}
