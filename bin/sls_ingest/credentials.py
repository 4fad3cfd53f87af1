"""Accounts as the SDK's credential providers, which are asked on every request."""

from __future__ import annotations

from aliyun.log.credentials import CredentialsProvider, StaticCredentialsProvider

from .settings import AccountSettings


def provider(account: AccountSettings) -> CredentialsProvider:
    """The credential provider of `account`: an AccessKey pair, with its STS token where it has one."""
    return StaticCredentialsProvider(
        account.access_key_id, account.access_key_secret, account.security_token or None
    )
