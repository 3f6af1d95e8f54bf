(** T7L [ours; Maurey known] (blueprint-2, section 3), its half for losses with kinks: T1 with n neurons that are drawn
    from g*, whose width may be any. One slot can be too few here (known answer 29).

    Definitions: [fitting], the same data with the outputs of g as targets.
    Statements: T7L. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import losses slots draw.
From Skipscape.theorems Require Import connectivity.
Import ListNotations.
Open Scope R_scope.

Definition fitting (X : data) (g : nat -> vector) : data :=
  Data (points X) (seen X) (outputs X) (input X) g (weight X) (weight_nonneg X).

Section Lipschitz.
Variables (X : data) (m : nat) (B : branch) (l : nat) (w v : matrix).

(** Maurey: n neurons come as near to g* as the variance over n allows, in L2(P) *)
Theorem T7L_near n K : (0 < n)%nat -> variance X l w v <= K^2 -> 0 <= K -> exists w' v',
  fnorm X (fun k c => two_layer X n w' v' k c - two_layer X l w v k c) <= K / sqrt (INR n).
Proof.
  intros Hn HvK HK. set (g := two_layer X l w v). destruct (C3_maurey (fitting X g) l w v n Hn) as (w' & v' & H).
  exists w', v'. assert (HnR : 0 < INR n) by (now apply lt_0_INR).
  assert (Hrt : 0 < sqrt (INR n)) by (now apply sqrt_lt_R0).
  change (squared (fitting X g) (two_layer X n w' v') <= squared (fitting X g) g + variance X l w v / INR n) in H.
  rewrite !squared_norm in H. change (target (fitting X g)) with g in H.
  change (fnorm (fitting X g)) with (fnorm X) in H.
  assert (E0 : fnorm X (fun k c => g k c - g k c) = 0) by (apply l2norm_zero; intros; ring).
  rewrite E0 in H. fold g. set (a := fnorm X (fun k c => two_layer X n w' v' k c - g k c)) in *.
  assert (Ha : 0 <= a) by apply fnorm_nonneg.
  assert (Hq : 0 <= K / sqrt (INR n)) by (apply Rmult_le_pos; [easy | left; now apply Rinv_0_lt_compat]).
  assert (E : (K / sqrt (INR n))^2 = K^2 / INR n).
  { unfold Rdiv. rewrite Rpow_mult_distr, pow_inv, pow2_sqrt by lra. ring. }
  assert (Hv : variance X l w v / INR n <= K^2 / INR n).
  { apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat | exact HvK]. }
  apply Rsqr_incr_0_var; [|exact Hq]. rewrite !Rsqr_pow2. lra.
Qed.

(** "depth <= G D(J) if L > L* + G K/sqrt l" *)
Theorem T7L_lipschitz Phi G n sigma lam P J ctr cf K : tame X G Phi -> (0 < n)%nat -> moment X sigma ->
  branch_gain X B P lam -> admissible m n J ctr cf -> variance X l w v <= K^2 -> 0 <= K ->
  Phi (two_layer X l w v) + G * (K / sqrt (INR n)) < Phi (parallel X m B P) ->
  depth_at_most (fun P => Phi (parallel X m B P)) P (G * deviation X B sigma lam P J ctr cf).
Proof.
  intros HPhi Hn Hs Hlam Ha HvK HK Hthr. pose proof HPhi as (HG & HL8 & _).
  destruct (T7L_near n K Hn HvK HK) as (w' & v' & Hnear).
  assert (Hlow : Phi (two_layer X n w' v') < Phi (parallel X m B P)).
  { eapply Rle_lt_trans; [apply (HL8 _ (two_layer X l w v))|]. eapply Rle_lt_trans; [|exact Hthr].
    apply Rplus_le_compat_l, Rmult_le_compat_l; [exact HG | exact Hnear]. }
  destruct (T1_lipschitz_loss X m B Phi G n w' v' sigma lam P J ctr cf HPhi Hs Hlam Ha)
    as (E & gam & _ & HE & Hpath & g0 & g1 & H).
  exists gam. split; [easy|]. split; [easy|]. split; [now rewrite g1, HE|]. intros t Ht.
  eapply Rle_trans; [now apply H|]. apply Rmax_lub; [lra|].
  assert (0 <= G * deviation X B sigma lam P J ctr cf); [|lra].
  apply Rmult_le_pos; [exact HG|]. apply deviation_nonneg; [apply Hs | now apply (branch_gain_nonneg X B P)].
Qed.
End Lipschitz.
