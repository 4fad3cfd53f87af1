"""The add-on's pages as a person uses them: chromium, the unmodified pages, explicit waits.

Fields are named as in globalConfig.json; everything is found by the attributes that UCC and its components
give for tests.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.addon import APP

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no chromium and chromedriver on PATH; on Debian: apt-get install chromium chromium-driver"
SAVE = ".saveBtn, button[type=submit]"  # in a dialog, and on a page
WAIT_SECONDS = 20
POLL_SECONDS = 0.05
# What an element may do to us while React draws it anew.
_NOT_YET = (
    StaleElementReferenceException,
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
)

T = TypeVar("T")


def find_browser() -> tuple[str, str] | None:
    """The paths of a chromium and its driver; None where one is missing."""
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


def start_browser(browser: str, driver: str) -> webdriver.Chrome:
    """A headless chromium that talks to nobody but us."""
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (
        *("headless=new", "no-sandbox", "disable-dev-shm-usage", "disable-gpu", "window-size=1280,1000"),
        *("no-first-run", "disable-background-networking", "disable-component-update", "lang=en-US"),
        *("force-prefers-reduced-motion", "no-proxy-server", "password-store=basic"),
    ):
        options.add_argument(f"--{argument}")
    return webdriver.Chrome(options=options, service=Service(driver))


class Pages:
    """The pages of one Splunk stand-in in one browser, signed in as admin."""

    def __init__(self, driver: webdriver.Chrome, url: str, shots: Path) -> None:
        self.driver, self._url, self._shots = driver, url, shots
        self._count = 0
        shots.mkdir(parents=True, exist_ok=True)

    # -- going somewhere

    def sign_in(self) -> None:
        self.driver.get(f"{self._url}/en-US/account/login")
        self.driver.find_element(By.NAME, "username").send_keys("admin")
        self.driver.find_element(By.NAME, "password").send_keys("changeme", Keys.ENTER)
        self.wait("the sign-in", lambda: "/account/login" not in self.driver.current_url)

    def open(self, page: str, tab: str = "") -> None:
        """`inputs` or `configuration`, with its table loaded."""
        self.driver.get(f"{self._url}/en-US/app/{APP}/{page}")
        self.wait(f"page {page}", lambda: self.all("[data-test=main-table]") or self.all("[data-test=tab]"))
        if tab:
            self.click(f"[data-test-tab-id={tab}]")
        self.wait(f"page {page} to load", lambda: not self.all("[data-test=wait-spinner]"))

    def shot(self, name: str) -> None:
        """Save what is seen under build/browser, numbered in the order of the steps."""
        self._count += 1
        self.driver.save_screenshot(str(self._shots / f"{self._count:02}-{name}.png"))

    # -- finding

    def wait(self, what: str, predicate: Callable[[], T], seconds: float = WAIT_SECONDS) -> T:
        """The first true value of `predicate`."""
        wait = WebDriverWait(self.driver, seconds, POLL_SECONDS, ignored_exceptions=_NOT_YET)
        return wait.until(lambda _: predicate(), f"waited {seconds} s in vain for {what}")

    def all(self, css: str) -> list[WebElement]:
        """What is displayed of it, within the dialog on top where there is one."""
        dialogs = self.driver.find_elements(By.CSS_SELECTOR, "[data-test=modal]")
        root: Any = dialogs[-1] if dialogs and "data-test=option" not in css else self.driver
        return [found for found in root.find_elements(By.CSS_SELECTOR, css) if found.is_displayed()]

    def one(self, css: str) -> WebElement:
        return self.wait(css, lambda: self.all(css))[0]

    def click(self, css: str, text: str = "") -> None:
        """Click the one that is there, or the one with that text."""

        def clicked() -> bool:
            for found in self.all(css):
                if not text or found.text.strip() == text:
                    found.click()
                    return True
            return False

        self.wait(f"{css} {text}", clicked)

    def fields(self) -> list[str]:
        """Names of the fields that are shown, in their order."""
        return [str(group.get_attribute("data-name")) for group in self.all("[data-name]")]

    # -- filling in

    def value(self, name: str) -> str:
        """What a field of text shows."""
        return str(self.one(f"[data-name={name}] input").get_attribute("value"))

    def type(self, name: str, text: str) -> None:
        """Replace the text of a field, as pasting does: a list is asked for at every key that is typed."""
        css = f"[data-name={name}] input"
        self.wait(f"{name} to be open", lambda: self.one(css).is_enabled())

        def typed() -> bool:
            self.one(css).send_keys(Keys.CONTROL, "a")
            if text:
                self.driver.execute_script("document.execCommand('insertText', false, arguments[0])", text)
            else:
                self.one(css).send_keys(Keys.BACKSPACE)
            return self.value(name) == text

        self.wait(f"{name} to be '{text}'", typed)

    def enter(self, name: str, text: str) -> None:
        """Type into a list that takes other values, too, and leave it."""
        self.type(name, text)
        self.one(f"[data-name={name}] input").send_keys(Keys.TAB)
        self._close_lists()

    def _close_lists(self) -> None:
        """The next field, too, opens its list when it is reached by a key."""

        def closed() -> bool:
            if self.all("[data-test=option]"):
                self.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
            return not self.all("[data-test=option]")

        self.wait("the lists to close", closed)

    def offered(self, name: str) -> dict[str, str]:
        """Open a list; value and text of each choice."""
        css = f"[data-name={name}] input, [data-name={name}] [data-test=select]"

        def listed() -> dict[str, str]:
            control = self.one(css)
            if not control.is_enabled() or control.get_attribute("data-test-loading") == "true":
                return {}
            if not self.all("[data-test=option]"):
                control.click()
            options = self.all("[data-test=option]")
            return {str(row.get_attribute("data-test-value")): row.text.strip() for row in options}

        return self.wait(f"the list of {name}", listed)

    def choose(self, name: str, value: str) -> None:
        """Pick one of a list by its value."""
        css = f'[data-test=option][data-test-value="{value}"]'

        def there() -> bool:
            self.offered(name)
            found = self.all(css)
            if found:
                found[0].click()
            return bool(found)

        self.wait(f"{value} in the list of {name}", there)
        self.wait("the list to close", lambda: not self.all("[data-test=option]"))

    def choose_again(self, name: str, value: str) -> None:
        """The same where something stands in the field, by which its list is filtered."""
        self.type(name, "")
        self.choose(name, value)

    def switch(self, name: str, on: bool) -> None:
        """A checkbox."""
        css = f"[data-name={name}] [role=checkbox]"

        def is_set() -> bool:
            if self.one(css).get_attribute("aria-checked") != str(on).lower():
                self.one(css).click()
            return self.one(css).get_attribute("aria-checked") == str(on).lower()

        self.wait(f"{name} to be {on}", is_set)

    def unfold_groups(self) -> None:
        """Open every group of the form."""
        for toggle in self.all("[data-test=collapsible-panel] [data-test=toggle]"):
            if toggle.get_attribute("aria-expanded") == "false":
                toggle.click()

    # -- saving

    def press_save(self) -> None:
        self.click(SAVE)

    def saved(self) -> None:
        """Save, and wait until the form is gone."""
        self.press_save()

        def closed() -> bool:
            assert not self.all("[data-test=message][data-test-type=error]"), self.all("[data-test=message]")[
                0
            ].text
            return not self.all(SAVE)

        self.wait("the form to close", closed)

    def refused(self) -> str:
        """Save, and what the form says."""
        self.press_save()
        return self.error()

    def error(self) -> str:
        """The sentence of the form, or of the dialog."""
        found = self.wait("a message", lambda: [row for row in self.all("[data-test=message]") if row.text])
        return found[0].text.replace("Alert\n", "").strip()

    def cancel(self) -> None:
        self.click("button", "Cancel")

    # -- the table

    def rows(self) -> list[str]:
        """Names in the table, in their order."""
        found = self.all("[data-test=main-table] [data-test=row][aria-label^=row-]")
        return [str(row.get_attribute("aria-label"))[len("row-") :] for row in found]

    def cells(self, name: str) -> dict[str, str]:
        """What the row of that name shows, by column."""
        found = self.one(f"[aria-label=row-{name}]").find_elements(By.CSS_SELECTOR, "[data-test=cell]")
        return {str(cell.get_attribute("data-column")): cell.text.strip().split("\n")[0] for cell in found}

    def wait_for_cell(self, name: str, column: str, text: str) -> None:
        self.wait(f"{column} of {name} to be {text}", lambda: self.cells(name)[column] == text)

    def act(self, name: str, action: str) -> None:
        """`edit`, `clone` or `delete` the row of that name."""
        self.click(f"[aria-label=row-{name}] .{action}Btn")


@contextmanager
def signed_in_pages(browser: tuple[str, str], url: str, shots: Path, height: int = 1000) -> Iterator[Pages]:
    """A browser of one's own on the pages at `url`; `height` in pixels."""
    driver = start_browser(*browser)
    try:
        driver.set_window_size(1280, height)
        pages = Pages(driver, url, shots)
        pages.sign_in()
        yield pages
    finally:
        driver.quit()
